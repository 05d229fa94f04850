import { type RouteDefinition, SerializerSelector } from '@fastify/fast-json-stringify-compiler'

type Serialize = (document: unknown) => string

/**
 * Fastify's own serializers, each compiled once for all answers of the same schema: most answers of most routes are the same few
 * problems, and compiling each of them anew is more than half of what it takes to start.
 */
export function sharedSerializers(): ReturnType<typeof SerializerSelector> {
  const compilerFor = SerializerSelector()
  return (shared, options) => {
    const compile = compilerFor(shared, options)
    const compiled = new Map<string, Serialize>()
    return (route: RouteDefinition) => {
      const key = JSON.stringify(route.schema)
      const serialize = compiled.get(key) ?? compile(route)
      compiled.set(key, serialize)
      return serialize
    }
  }
}
