/** One concrete packet. Ports are 0 where the protocol has none; so are ICMP's type and code elsewhere. */
export interface Shot {
  readonly src: string
  readonly dst: string
  readonly protocol: number
  readonly sport: number
  readonly dport: number
  readonly type: number
  readonly code: number
}

export const withPorts = (protocol: number): boolean => protocol === 6 || protocol === 17

export function answerTo(p: Shot): Shot {
  // Echo request and reply answer each other; a real reply has no answer, but 'every packet' has one of every type.
  const type = p.protocol === 1 && p.type === 8 ? 0 : p.protocol === 1 && p.type === 0 ? 8 : p.type
  return { ...p, src: p.dst, dst: p.src, sport: p.dport, dport: p.sport, type }
}

/** One end: what sends or takes packets in a subnet. */
export interface End {
  readonly name: string
  readonly eniId: string | null
  readonly vpc: string
  readonly subnet: string
  readonly address: string
  readonly groups: readonly string[]
  readonly public: string | null
  readonly dead: boolean
  /** AWS gives this kind of interface no groups. */
  readonly ungrouped: boolean
}

export type Way = 'forward' | 'return'

/** `CODE component direction`. */
export type Finding = string
