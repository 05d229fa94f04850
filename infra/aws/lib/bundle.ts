import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FileSystem } from 'aws-cdk-lib'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api'
import type { Construct } from 'constructs'
import type { Plan } from '../../../probe/plan.schema.js'
import { BadProps } from './props.js'

/** Where the build puts what runs in a Lambda. */
export const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url))

/** The object in S3 that holds a function's code. */
export interface CodeLocation {
  readonly bucket: string
  readonly key: string
}

/**
 * The probe's code: the bundle with the plan beside it, since a function's environment holds 4 KB at most
 * (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). The same plan gives the same asset.
 *
 * @param files further files that checks name in `caFile`
 */
export function probeCode(
  scope: Construct,
  id: string,
  plan: Plan,
  files: readonly string[],
  bundle = join(DIST, 'probe'),
): CodeLocation {
  const own = filesOf(scope, bundle, 'index.cjs')
  const folder = join(FileSystem.mkdtemp('sonde-'), 'probe')
  mkdirSync(folder)
  for (const file of [...own, ...files]) copyFileSync(file, join(folder, basename(file)))
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan))
  const location = locationOf(new Asset(scope, id, { path: folder }))
  // The assembly has its copy by now, unless the app is told to deploy from where things are (`cdk --no-staging`).
  if (!scope.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT)) rmSync(dirname(folder), { recursive: true })
  return location
}

/** Code that is deployed as the build made it; `entry` must be in it. */
export function builtCode(scope: Construct, id: string, folder: string, entry: string): CodeLocation {
  filesOf(scope, folder, entry)
  return locationOf(new Asset(scope, id, { path: folder }))
}

function filesOf(scope: Construct, folder: string, entry: string): readonly string[] {
  if (!existsSync(join(folder, entry)))
    throw new BadProps(scope.node.path, [
      `${entry} is not in ${folder}: run "npm ci && npm run build" in the repository's root`,
    ])
  return readdirSync(folder)
    .filter((name) => name !== 'plan.json')
    .map((name) => join(folder, name))
}

function locationOf(asset: Asset): CodeLocation {
  return { bucket: asset.s3BucketName, key: asset.s3ObjectKey }
}
