import t from 'tap'
import { aws } from '../../probe/checks/aws.js'
import { awsServices } from '../../probe/checks/aws-services.js'
import { findMoto, startMoto } from '../aws/inventory-moto.js'
import { destinationOf, testIo } from './transport.js'

/** Services whose call moto doesn't implement; it says so with its own 404, 500 or page. */
const wanted = [
  ['sts', 'dynamodb', 's3', 'sqs', 'sns', 'secretsmanager', 'ssm', 'kms', 'lambda', 'ecr', 'logs', 'events'],
  ['kinesis', 'states', 'rds', 'ec2', 'ecs', 'monitoring', 'firehose', 'cognito-idp', 'glue', 'athena'],
].flat()

const moto = findMoto()
if (moto === null && process.env['CI'] === 'true') throw new Error('CI needs moto_server (or SONDE_MOTO)')

t.test(
  'the signed calls, to moto',
  { skip: moto === null ? 'no moto_server here (SONDE_MOTO)' : false },
  async (t) => {
    if (moto === null) return
    const server = await startMoto(moto)
    t.teardown(() => server.stop())
    const port = Number(new URL(server.endpoint).port)
    const io = {
      ...testIo({ timeoutMs: 60_000 }),
      env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' },
    }
    for (const service of wanted) {
      t.ok(awsServices[service], service)
      const check = { kind: 'aws', name: service, service, endpoint: server.endpoint } as const
      const found = await aws.probe(check, destinationOf({ host: '127.0.0.1', port }, '127.0.0.1'), io)
      t.match(found, { outcome: 'ok', detail: { httpStatus: 200, awsSigned: true } }, service)
    }
  },
)
