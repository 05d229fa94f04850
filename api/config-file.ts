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
  return [...duplicates('functions', config.functions ?? []), ...duplicates('tokens', config.tokens ?? [])]
}

function duplicates(section: string, entries: readonly { readonly name: string }[]): MeaningProblem[] {
  const first = new Map<string, number>()
  const found: MeaningProblem[] = []
  entries.forEach(({ name }, index) => {
    const before = first.get(name)
    if (before === undefined) first.set(name, index)
    else {
      const message = `${section}.${index}.name "${name}" is the name of ${section}.${before} too`
      found.push({ path: [section, String(index), 'name'], message })
    }
  })
  return found
}
