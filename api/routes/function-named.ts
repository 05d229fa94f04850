import { parseFunctionArn } from '../arn.js'
import { ApiError } from '../errors.js'
import type { FunctionHealth } from '../health/health.js'
import type { Store } from '../store/store.js'

/** Functions looked through for what may have been meant. */
const LOOKED_THROUGH = 200
const MAX_TOLD = 10

/**
 * The function of that name.
 * @throws ApiError not_found; where several accounts or regions have functions of the name, it tells their ARNs
 */
export async function functionNamed(
  store: Pick<Store, 'getFunction' | 'listFunctions'>,
  name: string,
  now: Date,
): Promise<FunctionHealth> {
  const found = await store.getFunction(name, now)
  if (found) return found
  const asked = parseFunctionArn(name)
  const base = asked?.name ?? name
  const { items } = await store.listFunctions({ now, limit: LOOKED_THROUGH, text: base })
  const meant = items
    .map((one) => one.name)
    .filter((other) => other === base || parseFunctionArn(other)?.name === base)
  const told = meant.slice(0, MAX_TOLD).join(', ')
  const rest = meant.length > MAX_TOLD ? ` and ${meant.length - MAX_TOLD} more` : ''
  throw new ApiError(
    'not_found',
    `there is no function "${name}"${meant.length === 0 ? '' : `; those of that name: ${told}${rest}`}`,
  )
}
