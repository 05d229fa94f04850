import { Writable } from 'node:stream'
import t from 'tap'
import { withSonde } from '../../probe/wrap.js'

const plan = {
  version: 1,
  attempts: 1,
  checks: [{ name: 'self', kind: 'tcp', host: '169.254.169.254', port: 80 }],
}
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')

t.test('other events pass through untouched', async (t) => {
  const seen: unknown[] = []
  const self = { name: 'self' }
  const result = Promise.resolve('result')
  const handler = function (this: unknown, event: unknown, context: unknown): Promise<string> {
    seen.push(this, event, context)
    return result
  }
  const wrapped = withSonde(handler, { plan })
  const context = {}
  for (const event of [
    { body: '{"sonde":{}}' },
    { sonde: 'text' },
    { sonde: null },
    { sonde: false },
    null,
    'x',
    [1],
    Object.create({ sonde: {} }),
  ]) {
    seen.length = 0
    t.equal(Reflect.apply(wrapped, self, [event, context]), result, 'the very promise')
    t.same([seen[0] === self, seen[1] === event, seen[2] === context], [true, true, true])
  }
})

t.test('what Lambda looks at stays: arity, name, marks, synchronous throws', async (t) => {
  const callback = (_event: unknown, _context: unknown, done: (error: null, value: string) => void): void =>
    done(null, 'done')
  const wrapped = withSonde(callback)
  t.equal(wrapped.length, 3)
  t.equal(wrapped.name, 'callback')
  t.equal(await new Promise((resolve) => wrapped({}, {}, (_error, value) => resolve(value))), 'done')
  const marked = Object.assign(async () => undefined, { [STREAMING]: 'response' })
  t.equal(withSonde(marked)[STREAMING], 'response')
  const thrown = new Error('mine')
  t.throws(
    () =>
      withSonde(() => {
        throw thrown
      })(),
    thrown,
  )
  class Service {
    readonly name = 'service'
    readonly handle = withSonde(async (_event: unknown) => this.name)
  }
  t.equal(await new Service().handle({}), 'service')
})

t.test('a sonde event runs the checks and not the handler', async (t) => {
  let called = 0
  const handler = async (_event: unknown, _context?: unknown): Promise<unknown> => {
    called += 1
    return undefined
  }
  const wrapped = withSonde(handler, { plan })
  const write = process.stdout.write
  const printed: string[] = []
  // The report goes to stdout, which in this process is tap's.
  process.stdout.write = ((text: string, done?: () => void) => {
    printed.push(text)
    done?.()
    return true
  }) as typeof process.stdout.write
  t.teardown(() => {
    process.stdout.write = write
  })
  try {
    const context = {
      getRemainingTimeInMillis: () => 5000,
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:orders',
    }
    const answers = [
      await wrapped({ sonde: true }, context),
      await wrapped({ sonde: {} }, context),
      await wrapped({ sonde: { plan: { ...plan, checks: [{ ...plan.checks[0], name: 'own' }] } } }, context),
    ]
    process.stdout.write = write
    t.match(answers, [
      {
        reports: [
          {
            probe: { account: '111122223333', coldStart: true },
            results: [{ check: 'self', outcome: 'not_allowed' }],
          },
        ],
      },
      { reports: [{ probe: { coldStart: false } }] },
      { reports: [{ results: [{ check: 'own' }] }] },
    ])
    t.equal(called, 0)
    t.same(
      printed.map((line) => JSON.parse(line).sonde),
      [1, 1, 1],
    )
  } finally {
    process.stdout.write = write
  }
})

t.test('a streaming handler streams the answer of a sonde event', async (t) => {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  const handler = Object.assign(async (_event: unknown, _stream: Writable, _context: unknown) => undefined, {
    [STREAMING]: 'response',
  })
  const write = process.stdout.write
  process.stdout.write = ((_text: string, done?: () => void) => {
    done?.()
    return true
  }) as typeof process.stdout.write
  try {
    await withSonde(handler, { plan })({ sonde: true }, stream, {
      getRemainingTimeInMillis: () => 5000,
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:orders',
    })
  } finally {
    process.stdout.write = write
  }
  t.match(JSON.parse(Buffer.concat(chunks).toString()), {
    sonde: 1,
    // Its context is the third argument, after the stream.
    reports: [{ probe: { account: '111122223333' }, results: [{ outcome: 'not_allowed' }] }],
  })
  t.ok(stream.writableFinished)
})
