/** What is wrong with an OpenAPI 3.1 document: a small checker of what readers and generators rest on. */
export function openapiFaults(document: unknown): string[] {
  const faults: string[] = []
  const root = object(document)
  if (!root || !/^3\.1\.\d+$/.test(String(root['openapi']))) return ['openapi: not 3.1']
  const info = object(root['info'])
  if (typeof info?.['title'] !== 'string' || typeof info['version'] !== 'string')
    faults.push('info: title or version missing')
  walk(root, '#', (node, at) => {
    const reference = node['$ref']
    if (typeof reference === 'string' && resolve(root, reference) === undefined)
      faults.push(`${at}: dangling ${reference}`)
    if ('nullable' in node) faults.push(`${at}: nullable is of 3.0`)
    if ('$id' in node && at.includes('/paths/')) faults.push(`${at}: $id left in an inlined schema`)
  })
  const operationIds = new Set<string>()
  for (const [path, item] of Object.entries(object(root['paths']) ?? {})) {
    for (const [method, value] of Object.entries(object(item) ?? {})) {
      const at = `${method.toUpperCase()} ${path}`
      const operation = object(value)
      if (!operation) continue
      if (typeof operation['summary'] !== 'string') faults.push(`${at}: no summary`)
      const id = operation['operationId']
      if (typeof id === 'string' && operationIds.has(id)) faults.push(`${at}: operationId ${id} twice`)
      if (typeof id === 'string') operationIds.add(id)
      faults.push(...responseFaults(at, operation), ...parameterFaults(at, path, operation))
    }
  }
  return faults
}

function responseFaults(at: string, operation: Fields): string[] {
  const responses = Object.entries(object(operation['responses']) ?? {})
  const faults = responses.flatMap(([status, value]) => {
    const response = object(value)
    if (typeof response?.['description'] !== 'string') return [`${at} ${status}: no description`]
    const content = Object.entries(object(response['content']) ?? {})
    if (content.length === 0) return [`${at} ${status}: no content`]
    return content
      .filter(([, media]) => object(object(media)?.['schema']) === null)
      .map(([type]) => `${at} ${status} ${type}: no schema`)
  })
  if (!responses.some(([status]) => status.startsWith('2'))) faults.push(`${at}: no success is described`)
  return faults
}

function parameterFaults(at: string, path: string, operation: Fields): string[] {
  const parameters = Array.isArray(operation['parameters']) ? operation['parameters'].map(object) : []
  const faults = parameters
    .filter(
      (one) => typeof one?.['name'] !== 'string' || typeof one['in'] !== 'string' || !object(one['schema']),
    )
    .map(() => `${at}: a parameter without name, place or schema`)
  for (const [, name] of path.matchAll(/\{([^}]+)\}/g)) {
    const found = parameters.find((one) => one?.['name'] === name && one?.['in'] === 'path')
    if (found?.['required'] !== true) faults.push(`${at}: path parameter ${name} is not described`)
  }
  return faults
}

type Fields = Readonly<Record<string, unknown>>

function object(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null
}

function walk(value: unknown, at: string, visit: (node: Fields, at: string) => void): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => void walk(item, `${at}/${index}`, visit))
    return
  }
  const node = object(value)
  if (!node) return
  visit(node, at)
  for (const [key, inner] of Object.entries(node)) walk(inner, `${at}/${key.replaceAll('/', '~1')}`, visit)
}

function resolve(root: Fields, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined
  let here: unknown = root
  for (const token of reference.slice(2).split('/')) {
    here = object(here)?.[decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return here
}
