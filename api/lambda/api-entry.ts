import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createApiHandler } from './api.js'

export const handler = createApiHandler(
  { ...process.env },
  join(dirname(fileURLToPath(import.meta.url)), 'web'),
)
