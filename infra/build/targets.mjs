import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inlineSchemas } from './inline-schemas.mjs'

const node = { bundle: true, platform: 'node', target: 'node20', logLevel: 'warning', metafile: true }

/**
 * What is built from what: one esbuild configuration each. A target whose source isn't there is left out.
 * `only` narrows to targets by name.
 */
export function targets(root, only = []) {
  const first = (...paths) => paths.map((path) => join(root, path)).find((path) => existsSync(path))
  const all = [
    {
      // The Lambda: one CommonJS file, since Node loads that a few milliseconds sooner than a module.
      name: 'probe',
      source: first('probe/handler.ts'),
      options: {
        ...node,
        outfile: join(root, 'dist/probe/index.cjs'),
        format: 'cjs',
        minify: true,
        legalComments: 'none',
        charset: 'utf8',
        // Else every module says it again; the banner says it for all.
        tsconfigRaw: {
          compilerOptions: { alwaysStrict: false, target: 'ES2023', verbatimModuleSyntax: true },
        },
        // `import()` becomes a late `require`, which spares loading Node's loader of modules.
        supported: { 'dynamic-import': false },
        define: { 'import.meta.url': '__sondeUrl' },
        banner: { js: '"use strict";var __sondeUrl=require("node:url").pathToFileURL(__filename).href;' },
        plugins: [inlineSchemas(root)],
      },
    },
    {
      // `sonde/probe`: withSonde alone, with the probe behind it as a chunk that is loaded when it is needed.
      name: 'probe-lib',
      source: first('probe/wrap.ts'),
      as: 'index',
      options: {
        ...node,
        outdir: join(root, 'dist/probe-lib'),
        format: 'esm',
        splitting: true,
        plugins: [inlineSchemas(root)],
      },
    },
    {
      name: 'network',
      source: first('api/network/index.ts'),
      options: { ...node, outfile: join(root, 'dist/network.js'), format: 'esm', packages: 'external' },
    },
    {
      // Packages stay outside: they are installed beside it, and unbundled they are shared and patched as npm knows them.
      name: 'cli',
      source: first('api/cli.ts', 'api/cli/main.ts', 'api/main.ts'),
      // Runs as a process of its own, started by `serve`.
      besides: { sample: first('api/sample/main.ts'), 'diagnosis-worker': first('api/diagnosis-worker.ts') },
      as: 'sonde',
      options: {
        ...node,
        outdir: join(root, 'dist'),
        entryNames: '[name]',
        chunkNames: 'chunks/[name]-[hash]',
        format: 'esm',
        splitting: true,
        packages: 'external',
        sourcemap: true,
        banner: { js: '#!/usr/bin/env node' },
      },
    },
    {
      // The lab's processes inside its namespaces; split, since an agent starts in each and needs little.
      name: 'lab',
      source: first('infra/lab/main.ts'),
      options: {
        ...node,
        outdir: join(root, 'dist'),
        chunkNames: 'chunks/lab-[name]-[hash]',
        format: 'esm',
        splitting: true,
        packages: 'external',
      },
    },
    ...['api', 'ingest'].map((name) => ({
      // Each Lambda whole in its folder, so that nothing is installed beside it; what few requests need is a chunk of its own,
      // since loading decides how long a cold start takes. Without the embedded database, and without the reader of the API's
      // description, which is a folder of files.
      name: `lambda-${name}`,
      source: first(`api/lambda/${name}-entry.ts`),
      as: 'index',
      options: {
        ...node,
        outdir: join(root, `dist/lambda/${name}`),
        outExtension: { '.js': '.mjs' },
        chunkNames: 'chunks/[name]-[hash]',
        format: 'esm',
        splitting: true,
        minify: true,
        legalComments: 'none',
        // Part of the sketches' protobuf form, which is never used and isn't installed.
        external: ['@fastify/swagger-ui', 'protobufjs/minimal'],
        banner: {
          js: [
            "import { createRequire as __createRequire } from 'node:module'",
            "import { fileURLToPath as __toPath } from 'node:url'",
            'const require = __createRequire(import.meta.url)',
            "const __filename = __toPath(import.meta.url), __dirname = __toPath(new URL('.', import.meta.url))",
          ].join(';'),
        },
      },
    })),
    {
      name: 'web',
      source: first('api/web/main.tsx'),
      // Runs by itself, before the first paint.
      besides: { theme: first('api/web/theme.ts') },
      as: 'main',
      options: {
        bundle: true,
        logLevel: 'warning',
        metafile: true,
        platform: 'browser',
        target: 'es2022',
        outdir: join(root, 'dist/web'),
        // A page of the dashboard is a chunk that is loaded when it is visited; its name holds its hash and is kept for good.
        splitting: true,
        chunkNames: 'chunks/[name]-[hash]',
        format: 'esm',
        minify: true,
        sourcemap: true,
        jsx: 'automatic',
        jsxImportSource: 'preact',
      },
    },
  ]
  return all
    .filter(({ name }) => only.length === 0 || only.includes(name))
    .filter(({ source }) => source !== undefined)
    .map(({ name, source, as = name, besides = {}, options }) => {
      const further = Object.entries(besides).filter(([, path]) => path !== undefined)
      const entryPoints = options.outfile ? [source] : { [as]: source, ...Object.fromEntries(further) }
      return { name, options: { ...options, absWorkingDir: root, entryPoints } }
    })
}
