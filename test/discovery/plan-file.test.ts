import t from 'tap'
import { readPlanFile } from '../../api/discovery/plan-file.js'
import { ConfigError } from '../../api/yaml-file.js'

const GOOD = `# what our functions depend on
version: 1
everyMinutes: 1
postures:
  - id: posture-0123456789abcdef
    account: "123456789012"
    region: eu-west-1
    vpc: vpc-1
    subnets: [subnet-a, subnet-b]
    securityGroups: [sg-1]
    functions: [orders, billing]
    plan:
      version: 1
      checks:
        - { name: orders-db, kind: postgres, host: orders.abc.eu-west-1.rds.amazonaws.com } # the main one
        - { name: internet, kind: http, url: "https://checkip.amazonaws.com/", egressIp: [203.0.113.7] }
`

t.test('a plan file is read with the plans in it', async (t) => {
  const file = readPlanFile(GOOD, 'sonde.plan.yaml')
  t.equal(file.everyMinutes, 1)
  t.match(file.postures, [
    { subnets: ['subnet-a', 'subnet-b'], plan: { checks: [{ name: 'orders-db' }, {}] } },
  ])
  t.same(readPlanFile(JSON.stringify(file), 'sonde.plan.json'), file, 'JSON is YAML')
})

t.test('everything wrong is told, each with its line', async (t) => {
  const faults = (text: string): string[] => {
    try {
      readPlanFile(text, 'p.yaml')
      return []
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return error.message.split('\n')
    }
  }
  t.same(faults(GOOD.replace('vpc: vpc-1', 'vpc: main').replace('functions:', 'funtions:')), [
    'p.yaml:5:5: postures.0 needs "functions"',
    'p.yaml:8:10: postures.0.vpc must be the id of a VPC, like vpc-0123456789abcdef0',
    'p.yaml:11:5: unknown key "funtions"; did you mean "functions"?',
  ])
  t.same(faults(GOOD.replace('kind: postgres', 'kind: postgers')), [
    'p.yaml:15:36: postures.0.plan.checks.0.kind: unknown kind "postgers"; did you mean "postgres"? Known kinds are dns, tcp, tls, http, postgres, mysql, redis, mssql, aws',
  ])
  t.match(faults(GOOD.replace('subnet-a, subnet-b', 'subnet-a, web')), [
    /p\.yaml:9:25: postures\.0\.subnets\.1 must be the id of a subnet/,
  ])
  const twice = GOOD + GOOD.slice(GOOD.indexOf('  - id:'))
  t.same(faults(twice), ['p.yaml:17:9: postures.1.id "posture-0123456789abcdef" is the id of postures.0 too'])
})
