// Runs in a network namespace of its own: the Lambda around a probe. Serves the Runtime API, starts AWS's own Node runtime with the
// probe's bundle, sends invocations, and prints what came of each as one JSON document.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const { node, runtime, bundle, folder, format, invocations, planFile, env } = JSON.parse(process.argv[2])

const lambda = await startLambda()
const database = createTcpServer((socket) => socket.on('error', () => {}).resume()).listen(5432, '10.9.0.1')
await once(database, 'listening')
const answers = []
for (const invocation of invocations) answers.push(await lambda.invoke(invocation))
// Who was told to end must need no second word; until then this waits.
const { code, signal } = await (invocations.at(-1)?.killAfterMs === undefined
  ? lambda.stop()
  : lambda.ended())
database.close()
console.log(JSON.stringify({ answers, stdout: lambda.stdout(), stderr: lambda.stderr(), code, signal }))
process.exit(0)

async function startLambda() {
  const api = await serveRuntimeApi()
  mkdirSync(join(folder, 'runtime/rapid-client.node'), { recursive: true })
  mkdirSync(join(folder, 'task'))
  // Of no package around it, as in a Lambda.
  writeFileSync(join(folder, 'package.json'), '{}')
  copyFileSync(runtime, join(folder, 'runtime/index.mjs'))
  copyFileSync(
    fileURLToPath(new URL('rapid-client.cjs', import.meta.url)),
    join(folder, 'runtime/rapid-client.node/index.js'),
  )
  for (const file of bundle) copyFileSync(file, join(folder, 'task', basename(file)))
  if (planFile) writeFileSync(join(folder, 'task/plan.json'), JSON.stringify(planFile))
  const child = spawn(node, [join(folder, 'runtime/index.mjs')], {
    cwd: join(folder, 'task'),
    env: {
      AWS_LAMBDA_RUNTIME_API: api.address,
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: join(folder, 'task'),
      AWS_LAMBDA_FUNCTION_NAME: 'sonde-orders-1',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_GROUP_NAME: '/sonde/probes',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      AWS_LAMBDA_LOG_FORMAT: format,
      AWS_REGION: 'eu-west-1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close')
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    /** One invocation; `killAfterMs`: the process is told to end so long after it began to work. */
    async invoke({ event, timeoutMs, killAfterMs }) {
      const answer = api.invoke(event, timeoutMs)
      const over = Promise.race([answer, ended.then(() => ({ kind: 'ended' }))])
      if (killAfterMs !== undefined) {
        await Promise.race([api.taken(), ended])
        await new Promise((resolve) => setTimeout(resolve, killAfterMs))
        child.kill('SIGTERM')
      }
      return over
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      return this.ended()
    },
    async ended() {
      await ended
      return { code: child.exitCode, signal: child.signalCode }
    },
  }
}

/** The Runtime API for one environment: hands out an invocation at a time and takes its answer. */
async function serveRuntimeApi() {
  let waiting
  let queued
  let current
  let onTaken = () => {}
  let count = 0
  const hand = () => {
    if (!waiting || !queued) return
    const { event, timeoutMs } = queued
    current = { ...queued, id: `request-${++count}`, deadline: Date.now() + timeoutMs }
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': current.id,
      'lambda-runtime-deadline-ms': String(current.deadline),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:111122223333:function:sonde-orders-1',
    })
    waiting.end(JSON.stringify(event))
    waiting = undefined
    queued = undefined
    onTaken()
  }
  const server = createServer((request, response) => {
    if (request.url.endsWith('/invocation/next')) {
      waiting = response
      hand()
      return
    }
    let body = ''
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      response.writeHead(202).end()
      const kind = request.url.split('/').at(-1)
      const inTime = current ? Date.now() < current.deadline : false
      current?.resolve({ kind, inTime, body: JSON.parse(body) })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${server.address().port}`,
    taken: () =>
      new Promise((resolve) => {
        onTaken = resolve
        if (current && !queued) resolve()
      }),
    invoke: (event, timeoutMs) =>
      new Promise((resolve) => {
        current = undefined
        queued = { event, timeoutMs, resolve }
        hand()
      }),
  }
}
