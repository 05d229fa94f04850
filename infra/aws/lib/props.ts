import { Token } from 'aws-cdk-lib'
import type { Construct } from 'constructs'

/** What is wrong with a construct's properties; all of it at once, each problem naming its property. */
export class BadProps extends Error {
  override readonly name = 'BadProps'
  constructor(
    path: string,
    readonly problems: readonly string[],
  ) {
    super(`${path}: ${problems.join('; ')}`)
  }
}

/**
 * Throws `BadProps` where there is a problem. Values that are known only at deployment (tokens) are nobody's problem here.
 */
export function refuse(scope: Construct, problems: readonly (string | false | undefined)[]): void {
  const told = problems.filter((problem) => typeof problem === 'string')
  if (told.length > 0) throw new BadProps(scope.node.path, told)
}

/** A problem for each entry that isn't an id of the kind, plus one for duplicates, for too few and for too many. */
export function idProblems(
  name: string,
  ids: readonly string[],
  kind: 'subnet' | 'sg',
  most: number,
): readonly string[] {
  // A list that is itself a token has one entry that says nothing about its length.
  if (Token.isUnresolved(ids)) return []
  const known = ids.filter((id) => !Token.isUnresolved(id))
  const pattern = new RegExp(`^${kind}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`)
  const twice = known.filter((id, index) => known.indexOf(id) !== index)
  return [
    ...(ids.length === 0 ? [`${name} is empty: name at least one ${kind}-… id`] : []),
    ...(ids.length > most
      ? [`${name} has ${ids.length} entries; a Lambda function takes at most ${most}`]
      : []),
    ...known
      .filter((id) => !pattern.test(id))
      .map((id) => `${name}: "${id}" is not an id such as ${kind}-0123456789abcdef0`),
    ...[...new Set(twice)].map((id) => `${name}: ${id} is there twice`),
  ]
}

/** A problem where a number lies outside its range or isn't whole. */
export function rangeProblem(
  name: string,
  value: number | undefined,
  least: number,
  most: number,
): string | undefined {
  if (value === undefined || Token.isUnresolved(value)) return undefined
  if (Number.isInteger(value) && value >= least && value <= most) return undefined
  return `${name} is ${value}; it must be a whole number from ${least} to ${most}`
}
