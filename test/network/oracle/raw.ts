/**
 * The oracle's own way to read a snapshot: no index, no model, no line shared with the tracer. Every question walks the
 * answers that AWS printed, again each time.
 */
export type Json = { readonly [key: string]: unknown }

/** Call → its answer's body; calls per id as `CALL KEY`. */
export type Answers = ReadonlyMap<string, Json>

const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)

export const list = (o: Json | undefined, key: string): readonly Json[] => {
  const value = o?.[key]
  return Array.isArray(value) ? value.filter(isObject) : []
}

export const words = (o: Json | undefined, key: string): readonly string[] => {
  const value = o?.[key]
  return Array.isArray(value) ? value.filter((v) => typeof v === 'string') : []
}

export const text = (o: Json | undefined, key: string): string | null => {
  const value = o?.[key]
  return typeof value === 'string' ? value : null
}

export const number = (o: Json | undefined, key: string): number | null => {
  const value = o?.[key]
  return typeof value === 'number' ? value : null
}

export const part = (o: Json | undefined, key: string): Json | undefined => {
  const value = o?.[key]
  return isObject(value) ? value : undefined
}

/** Dotted IPv4 as a number. */
export function ip(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
}

/** Whether an IPv4 range holds an address; IPv6 ranges hold none of these. */
export function inside(cidr: string, address: string): boolean {
  if (cidr.includes(':')) return false
  const [base = '', length = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(length))
  return Math.floor(ip(base) / size) === Math.floor(ip(address) / size)
}

export const bits = (cidr: string): number => Number(cidr.split('/')[1] ?? 32)

/** Of one call's list, the entry with that id. */
export function byId(answers: Answers, call: string, listKey: string, idKey: string, id: string) {
  return list(answers.get(call), listKey).find((o) => o[idKey] === id)
}
