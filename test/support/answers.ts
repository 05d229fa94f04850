import { type Schema, Validator } from '@cfworker/json-schema'

/** One answer of the API. */
export interface GivenAnswer {
  readonly method: string
  readonly url: string
  readonly status: number
  readonly contentType: string
  readonly body: string
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Holds answers against the OpenAPI document that the API gives of itself: status and content type are described, and the
 * body fits the schema. Returns what departs from it; nothing for paths that the document doesn't speak of.
 */
export function answersAgainst(document: unknown): (answer: GivenAnswer) => readonly string[] {
  const root = fields(document)
  const components = root['components']
  const paths = Object.entries(fields(root['paths'])).map(([path, item]) => ({
    path,
    item: fields(item),
    // The more of a path is fixed, the sooner it is meant: /v1/reports/firehose is no report of that name.
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    open: path.split('{').length,
  }))
  const validators = new Map<string, Validator>()
  return ({ method, url, status, contentType, body }) => {
    const asked = url.split('?', 1)[0] ?? ''
    const found = paths.filter(({ pattern }) => pattern.test(asked)).sort((a, b) => a.open - b.open)[0]
    const operation = found?.item[method.toLowerCase()]
    if (found === undefined || operation === undefined) return []
    const at = `${method} ${found.path} ${status}`
    // Not modified speaks of an answer that was given before.
    if (status === 304) return []
    const response = fields(fields(operation)['responses'])[String(status)]
    if (response === undefined) return [`${at}: the document knows no such answer`]
    const type = contentType.split(';', 1)[0] ?? ''
    const media = fields(fields(response)['content'])[type]
    if (media === undefined) return [`${at}: the document knows no ${type}`]
    if (!type.endsWith('json')) return []
    const key = `${at} ${type}`
    const validator =
      validators.get(key) ??
      new Validator({ ...fields(fields(media)['schema']), components } as Schema, '2020-12', false)
    validators.set(key, validator)
    return validator.validate(JSON.parse(body)).errors.map((e) => `${at}: ${e.instanceLocation} ${e.error}`)
  }
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
