import { functionArn, parseFunctionArn } from '../arn.js'

/** The region and the account that a function lives in; null where that isn't known. */
export interface Home {
  readonly region: string | null
  readonly account: string | null
}

/** A function as a report or a declaration speaks of it. */
export interface Mention {
  /** Lambda's own name, which is unique within one account and region only. */
  readonly base: string
  readonly home: Home
}

/** Reads a name or an ARN; a bare name means the function in the home of who speaks. */
export function mentionOf(nameOrArn: string, speaker: Home): Mention {
  const arn = parseFunctionArn(nameOrArn)
  if (arn === null) return { base: nameOrArn, home: { region: speaker.region, account: speaker.account } }
  const { name, region, account } = arn
  return { base: name, home: { region, account } }
}

/**
 * Under which name a function is kept and asked for: Lambda's own name as long as that means one function, and the ARN once
 * functions of several accounts or regions bear it. What doesn't tell its home means the only one that fits; if several do,
 * it is a function of its own under the bare name. Depends on which homes were mentioned, never on their order.
 *
 * @param homes all homes in which `base` was mentioned
 */
export function keptName({ base, home }: Mention, homes: readonly Home[]): string {
  const known = new Map<string, { readonly region: string; readonly account: string }>()
  for (const { region, account } of homes) {
    if (region !== null && account !== null) known.set(`${account} ${region}`, { region, account })
  }
  if (known.size < 2) return base
  const fitting = [...known.values()].filter(
    ({ region, account }) =>
      (home.region === null || home.region === region) && (home.account === null || home.account === account),
  )
  const [only] = fitting
  return only === undefined || fitting.length > 1 ? base : functionArn({ name: base, ...only })
}
