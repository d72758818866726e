/** The page that `make bench` measures on. It is built beside the client and never served with it. */
import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vite'
import client from '../vite.config.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const measured = mergeConfig(client, defineConfig({ root: here('.'), base: './', build: { outDir: here('dist') } }))
measured.plugins = measured.plugins?.filter((plugin) => !(plugin && 'name' in plugin && plugin.name === 'lyhty-compressed'))
measured.build.rolldownOptions = { input: { bench: here('index.html') } }

export default measured
