import type { BuildOptions } from 'esbuild'

export interface Target {
  readonly name: string
  readonly options: BuildOptions & { readonly outfile?: string }
}

export function targets(root: string, only?: readonly string[]): readonly Target[]
