import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { ConfigError } from '../../api/yaml-file.js'
import { BadContext, readConfig } from './config.js'
import { BadProps } from './lib/props.js'
import { addStacks } from './stacks.js'

/** What `cdk deploy` runs: see README.md. A mistake in the configuration is told in a sentence, without a stack of calls. */
try {
  const app = new App()
  const config = readConfig(
    (name) => app.node.tryGetContext(name),
    readText,
    fileURLToPath(new URL('../../sonde.plan.yaml', import.meta.url)),
  )
  addStacks(app, config, process.env['CDK_DEFAULT_ACCOUNT'])
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
} catch (error) {
  if (!(error instanceof BadContext || error instanceof BadProps || error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exit(1)
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
