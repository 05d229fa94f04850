import { HOP_KIND_KO } from '../../../network/text/hop-kinds.js'
import type { PathWords } from './en.js'

export const ko: PathWords = {
  out: '가는 길',
  back: '오는 길',
  label: (from, to) => `${from}에서 ${to}까지의 경로`,
  notReached: '도달하지 못함',
  broken: '여기서 막힘',
  changed: '바뀜',
  rule: '판단 근거',
  packet: '여기서 나가는 패킷',
  code: '코드',
  raw: 'AWS 출력 그대로',
  noRule: '여기에는 판단하는 규칙이 없습니다',
  copyId: (id) => `${id} ID`,
  kinds: HOP_KIND_KO,
}
