import type { Text } from './network/path.js'

const FILE_TROUBLES: Readonly<Record<string, Text>> = {
  ENOENT: { en: 'no such file or folder', ko: '그런 파일이나 폴더가 없습니다' },
  EACCES: { en: 'no permission', ko: '권한이 없습니다' },
  EPERM: { en: 'not permitted', ko: '허용되지 않습니다' },
  EISDIR: { en: 'expected a file, found a folder', ko: '파일이어야 하는데 폴더입니다' },
  ENOTDIR: { en: 'a part of the path is no folder', ko: '경로 중간에 폴더가 아닌 것이 있습니다' },
  ELOOP: { en: 'links that lead in a circle', ko: '링크가 서로를 돌며 가리킵니다' },
  ENAMETOOLONG: { en: 'the name is too long', ko: '이름이 너무 깁니다' },
  ENOSPC: { en: 'no space left', ko: '저장 공간이 없습니다' },
  EROFS: { en: 'a read-only file system', ko: '읽기 전용 파일 시스템입니다' },
  EMFILE: { en: 'too many files are open', ko: '열린 파일이 너무 많습니다' },
  Z_BUF_ERROR: { en: 'not a whole gzip file', ko: '온전한 gzip 파일이 아닙니다' },
  Z_DATA_ERROR: { en: 'not a whole gzip file', ko: '온전한 gzip 파일이 아닙니다' },
  EIO: { en: 'the device failed', ko: '장치에서 오류가 났습니다' },
}

/** Why a file or folder can't be used: the reason of the operating system, or of zlib, in words; null where it gave none. */
export function fileTrouble(error: unknown): Text | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return FILE_TROUBLES[code] ?? null
}
