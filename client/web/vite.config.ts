/**
 * How the browser client is built and tested.
 *
 * The build has nothing in it that differs from one machine to the next: the same sources give the same bytes, so that
 * anyone can check that a server hands out what was published. It also has nothing inline, because the content
 * security policy allows only files from the server itself.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const cryptoFolder = here('../../crypto/ts/')

/** crypto/ts lies outside this npm project: look its packages up as if they were imported from here. */
const packagesOfCrypto: Plugin = {
    name: 'lyhty-packages-of-crypto',
    enforce: 'pre',
    async resolveId(source, importer, options) {
        const isPackage = /^[@a-z]/.test(source) && !source.startsWith('node:')
        if (!isPackage || importer === undefined || !importer.startsWith(cryptoFolder)) return null
        return this.resolve(source, here('./package.json'), { ...options, skipSelf: true })
    },
}

/** A `.br` beside every text file, so that the server compresses nothing while somebody waits. */
const compressed: Plugin = {
    name: 'lyhty-compressed',
    apply: 'build',
    closeBundle() {
        for (const file of readdirSync(here('dist'), { recursive: true, encoding: 'utf8' })) {
            if (!['.html', '.js', '.css', '.svg', '.json', '.wasm'].includes(extname(file))) continue
            const path = join(here('dist'), file)
            const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
            writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path), { params }))
        }
    },
}

export default defineConfig({
    root: here('.'),
    plugins: [packagesOfCrypto, compressed],
    resolve: { alias: { '@lyhty/crypto': here('../../crypto/ts') } },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    worker: { format: 'es', plugins: () => [packagesOfCrypto] },
    build: {
        target: 'es2022',
        outDir: here('dist'),
        emptyOutDir: true,
        sourcemap: false,
        // A `data:` address or an inline script would need a hole in the content security policy.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        // The figure it prints is gzip's; the budget is in brotli and a test holds it.
        reportCompressedSize: false,
        rolldownOptions: { input: { site: here('index.html'), console: here('console.html'), statistics: here('statistics.html') } },
    },
    test: {
        root: here('../..'),
        environment: 'node',
        include: ['crypto/ts/tests/**/*.test.ts', 'client/web/tests/**/*.test.{ts,tsx}'],
    },
})
