import type { RejectsWords } from './en.js'

export const ko: RejectsWords = {
  title: '거부된 보고',
  about: '보고처럼 보였지만 읽을 수 없었던 줄을 최근 것부터 보여 줍니다. 집계에는 들어가지 않았습니다.',
  columns: { at: '받은 시각', source: '출처', reason: '문제', line: '줄' },
  where: '위치',
  show: '줄 보기',
  hide: '줄 숨기기',
  cut: '줄은 4 KiB까지만 보관합니다.',
  none: '거부된 보고가 없습니다',
  noneHint: '보고처럼 보인 줄을 모두 읽었습니다.',
}
