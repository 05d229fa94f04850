import type { Given } from './unpack.js'

/** What a drop carried, folders read to their files; null where it was no files. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly Given[] | null> {
  // The list is empty once the event is over: all entries are taken first.
  const entries = [...transfer.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null))
  const found = entries.filter((entry) => entry !== null)
  // Some programs hand over files without entries; folders come as entries only.
  if (found.length === 0) return transfer.files.length === 0 ? null : chosenFiles(transfer.files)
  return (await Promise.all(found.map((entry) => givenOf(entry)))).flat()
}

/** What a file field holds. */
export function chosenFiles(files: FileList): readonly Given[] {
  return [...files].map((file) => given(file, file.webkitRelativePath || file.name))
}

async function givenOf(entry: FileSystemEntry): Promise<readonly Given[]> {
  const path = entry.fullPath.replace(/^\//, '')
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [given(file, path)]
  }
  if (!isFolder(entry)) return []
  const inside = await entriesOf(entry.createReader())
  return (await Promise.all(inside.map((one) => givenOf(one)))).flat()
}

/** A folder is read in batches, until one is empty. */
async function entriesOf(reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> {
  const found: FileSystemEntry[] = []
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (batch.length === 0) return found
    found.push(...batch)
  }
}

function given(file: File, path: string): Given {
  return { path, size: file.size, bytes: async () => new Uint8Array(await file.arrayBuffer()) }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
