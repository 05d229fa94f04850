import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a function of the endpoint does: `env` runs the probe's bundle with it; the others are what Lambda does itself. */
export type FunctionDouble =
  | { readonly env: Readonly<Record<string, string>> }
  | { readonly answer: unknown }
  | { readonly functionError: unknown }
  | {
      readonly refuse: { readonly status: number; readonly code: string; readonly body: object }
      /** Only so often; then the bundle runs with `env`. */
      readonly times?: number
      readonly env?: Readonly<Record<string, string>>
    }
  | 'hang'

export interface LambdaEndpoint {
  readonly url: string
  /** Each call: the function's name or ARN as it was asked for, the event, and how the request was signed. */
  readonly calls: readonly { readonly name: string; readonly event: string; readonly authorization: string }[]
  readonly close: () => Promise<void>
}

/**
 * Speaks Lambda's Invoke API (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html) on loopback and runs the real
 * bundle of the probe, built anew, in a process of its own with a Lambda's variables.
 *
 * moto's Lambda runs code in Docker only, which a plain machine and CI don't have; without it, it answers with a fixed text.
 */
export async function startLambda(
  functions: Readonly<Record<string, FunctionDouble>>,
): Promise<LambdaEndpoint> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-lambda-'))
  const bundle = join(folder, 'index.cjs')
  await buildProbe(bundle)
  const calls: { name: string; event: string; authorization: string }[] = []
  const times = new Map<string, number>()
  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const event = Buffer.concat(chunks).toString()
    const asked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '')?.[1] ?? ''
    const name = decodeURIComponent(asked)
    calls.push({ name, event, authorization: request.headers.authorization ?? '' })
    const short = name.split(':').at(-1) ?? name
    const found = functions[short]
    const nth = (times.get(short) ?? 0) + 1
    times.set(short, nth)
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    }
    if (found === undefined) {
      const message = `Function not found: ${name}`
      send(404, { Type: 'User', Message: message }, { 'x-amzn-errortype': 'ResourceNotFoundException' })
    } else if (found === 'hang') return
    else if ('refuse' in found && nth <= (found.times ?? Number.POSITIVE_INFINITY)) {
      send(found.refuse.status, found.refuse.body, { 'x-amzn-errortype': found.refuse.code })
    } else if ('answer' in found) send(200, found.answer)
    else if ('functionError' in found) send(200, found.functionError, { 'x-amz-function-error': 'Unhandled' })
    else {
      const { value, failed } = await invoke(bundle, short, event, found.env ?? {})
      send(200, value, failed ? { 'x-amz-function-error': 'Unhandled' } : {})
    }
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function buildProbe(outfile: string): Promise<void> {
  const { targets }: { targets: (root: string, only: readonly string[]) => readonly { options: object }[] } =
    await import(join(root, 'infra/build/targets.mjs'))
  const [probe] = targets(root, ['probe'])
  await build({ ...probe?.options, outfile })
}

const HOST = `
const [bundle, event, arn] = process.argv.slice(1)
const context = { invokedFunctionArn: arn, getRemainingTimeInMillis: () => 20000 }
const say = (value) => require('node:fs').writeSync(3, JSON.stringify(value))
require(bundle).handler(JSON.parse(event), context).then(
  (value) => say({ value, failed: false }),
  ({ name, message }) => say({ value: { errorType: name, errorMessage: message, trace: [] }, failed: true }),
)`

/** As Lambda does: the handler's answer comes back, what it prints goes elsewhere. */
async function invoke(
  bundle: string,
  name: string,
  event: string,
  env: Readonly<Record<string, string>>,
): Promise<{ value: unknown; failed: boolean }> {
  const region = 'eu-west-1'
  const arn = `arn:aws:lambda:${region}:123456789012:function:${name}`
  const child = spawn(process.execPath, ['-e', HOST, bundle, event, arn], {
    env: { AWS_LAMBDA_FUNCTION_NAME: name, AWS_REGION: region, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  let text = ''
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await once(child, 'close')
  return JSON.parse(text)
}
