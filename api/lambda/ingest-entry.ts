import { createIngestHandler } from './ingest.js'

export const handler = createIngestHandler({ ...process.env })
