import type { YAMLError } from 'yaml'

/** What the parser says is wrong, without its own place and without advice for programmers. */
export function wordsOfYaml(error: YAMLError): string {
  if (error.code === 'MULTIPLE_DOCS') return 'a second document begins here; one is read'
  // The parser quotes what it meets, however long that is.
  return (error.message.split(/ at line |\n/, 1)[0] ?? error.message).slice(0, 300)
}

/** So many syntax errors are told: what follows the first one is mostly its echo. */
export const MAX_YAML_ERRORS = 20
