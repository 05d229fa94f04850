import type { Plugin } from 'esbuild'

export function inlineSchemas(root: string): Plugin
export function rdsCertificates(root: string): string
