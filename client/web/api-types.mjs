/**
 * Writes the types of the HTTP API: `node api-types.mjs FROM TO`, from openapi.json to TypeScript.
 *
 * `Routes` names what each route takes and answers, so that a call that asks for one thing and reads another does not
 * compile. json-schema-to-typescript knows schemas, not routes: the routes are told to it as one more schema.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { compile } from 'json-schema-to-typescript'

const BANNER = '// Written by `make api` from openapi.json; change server/lyhty_server/api/routes.py or lyhty_wire/desk.py instead.'

const [from, to] = process.argv.slice(2)
const { paths, components } = JSON.parse(readFileSync(from, 'utf8'))

const jsonOf = (part) => part?.content?.['application/json']?.schema
const object = (properties) => ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false })

const routes = {}
for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { requestBody, responses }] of Object.entries(operations)) {
        const answers = jsonOf(responses['200'])
        if (answers === undefined) continue
        const asks = jsonOf(requestBody)
        routes[`${method.toUpperCase()} ${path}`] = object(asks === undefined ? { answers } : { asks, answers })
    }
}

const schema = { title: 'Routes', ...object(routes), $defs: components.schemas }
// Tuples, as the library knows them.
const ofTuple = (_key, value) => value?.prefixItems ? { type: 'array', items: value.prefixItems, minItems: value.minItems, maxItems: value.maxItems } : value
const local = JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/'), ofTuple)
const options = { bannerComment: BANNER, additionalProperties: false, unreachableDefinitions: true, style: { semi: false, singleQuote: true, tabWidth: 4, printWidth: 120 } }
const written = await compile(local, 'Routes', options)
// Which schema referred to which says nothing to a reader.
writeFileSync(to, written.replaceAll(/\n \*\n \* This interface was referenced by[^/]*\n \*\//g, '\n */').replaceAll(/\/\*\*\n \* This interface was referenced by[^/]*\*\/\n/g, ''))
