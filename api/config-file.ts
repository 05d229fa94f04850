import { type ConfigFile, ConfigSchema } from './config.schema.js'
import { type MeaningProblem, parseYamlFile } from './yaml-file.js'

/**
 * Reads a configuration from YAML or JSON text (JSON is YAML).
 * @throws ConfigError naming every wrong place by file, line and column.
 */
export function parseConfigFile(text: string, source: string): ConfigFile {
  const rules = { schema: ConfigSchema, whole: 'the configuration', patternWords, meaning: meaningProblems }
  return parseYamlFile(text, source, rules).value
}

function patternWords(path: readonly string[]): string {
  const key = path[path.length - 1]
  if (key === 'account') return 'must be twelve digits in quotes, like "123456789012"'
  if (key === 'roleArn') return 'must be the ARN of a role, like arn:aws:iam::123456789012:role/sonde'
  if (key === 'externalId') return 'must be 2 to 1224 letters, digits or any of _+=,.@:/-'
  if (path.includes('store') && key === 'table') return 'must be 3 to 255 letters, digits or any of _.-'
  if (path.includes('store')) return 'must be the URL of an endpoint, like http://127.0.0.1:8000'
  if (path.includes('probes')) return 'must be the name of a function, with * for any characters'
  return 'must be sha256: and 64 hexadecimal digits, as `sonde token new` prints it'
}

/** What the schema can't say: names that must be unique. */
function meaningProblems(config: ConfigFile): MeaningProblem[] {
  return [
    ...sameFunctions(config.functions ?? []),
    ...duplicates('tokens', config.tokens ?? [], () => true),
    ...accountProblems(config),
  ]
}

/** Accounts that are there twice, roles of other accounts, and accounts that are spoken of and not there. */
function accountProblems(config: ConfigFile): MeaningProblem[] {
  const accounts = config.accounts ?? []
  const named = accounts.map(({ account }) => ({ name: account }))
  const twice = duplicates('accounts', named, () => true).map(({ path, message }) => ({
    path: [...path.slice(0, -1), 'account'],
    message: message.replace('.name ', '.account '),
  }))
  const strangers = accounts.flatMap(({ account, roleArn }, index) =>
    roleArn.split(':')[4] === account
      ? []
      : [
          {
            path: ['accounts', String(index), 'roleArn'],
            message: `accounts.${index}.roleArn is a role of another account than ${account}`,
          },
        ],
  )
  const unknown = (config.sources?.cloudwatch ?? []).flatMap(({ account }, index) =>
    account === undefined || accounts.some((one) => one.account === account)
      ? []
      : [
          {
            path: ['sources', 'cloudwatch', String(index), 'account'],
            message: `sources.cloudwatch.${index}.account is none of those under accounts`,
          },
        ],
  )
  const nothing =
    config.inventory !== undefined && config.inventory.regions === undefined && accounts.length === 0
      ? [{ path: ['inventory'], message: 'inventory needs "regions", or accounts that name theirs' }]
      : []
  return [...twice, ...strangers, ...unknown, ...nothing]
}

type FunctionEntry = NonNullable<ConfigFile['functions']>[number]

/** One name may stand for functions of several accounts and regions, if each entry tells both. */
function sameFunctions(entries: readonly FunctionEntry[]): MeaningProblem[] {
  return duplicates('functions', entries, (one, other) => {
    const told = [one, other].every(({ region, account }) => region !== undefined && account !== undefined)
    return !told || (one.region === other.region && one.account === other.account)
  }).map((found) => ({ ...found, message: `${found.message}; tell them apart by region and account` }))
}

/** Entries whose name another one before them has, where the two clash. */
function duplicates<T extends { readonly name: string }>(
  section: string,
  entries: readonly T[],
  clash: (one: T, other: T) => boolean,
): MeaningProblem[] {
  const byName = new Map<string, number[]>()
  const found: MeaningProblem[] = []
  entries.forEach((entry, index) => {
    const { name } = entry
    const before = byName.get(name) ?? []
    byName.set(name, before.concat(index))
    const same = before.find((at) => {
      const other = entries[at]
      return other !== undefined && clash(entry, other)
    })
    if (same === undefined) return
    const message = `${section}.${index}.name "${name}" is the name of ${section}.${same} too`
    found.push({ path: [section, String(index), 'name'], message })
  })
  return found
}
