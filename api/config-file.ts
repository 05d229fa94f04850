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
  return 'must be sha256: and 64 hexadecimal digits, as `sonde token new` prints it'
}

/** What the schema can't say: names that must be unique. */
function meaningProblems(config: ConfigFile): MeaningProblem[] {
  return [...sameFunctions(config.functions ?? []), ...duplicates('tokens', config.tokens ?? [], () => true)]
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
