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

/** What the options of a store are, for every command that opens one. */
export const STORE_OPTIONS = {
  data: { en: 'folder of the embedded database', ko: '내장 데이터베이스의 폴더' },
  config: { en: 'configuration file', ko: '설정 파일' },
} as const
