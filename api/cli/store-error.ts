import { DataFolderUnusable } from '../data-folder.js'
import { StoreUnusable } from '../open-store.js'
import { NewerSchema } from '../store/store.js'
import { ConfigError } from '../yaml-file.js'

/** Whether the configuration, the data folder or the store is not as a command needs it: for its user to mend. */
export function isStoreError(error: unknown): boolean {
  return (
    error instanceof ConfigError ||
    error instanceof NewerSchema ||
    error instanceof StoreUnusable ||
    error instanceof DataFolderUnusable
  )
}
