#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { complaintsAboutCompose } from './compose-rules.mjs';
import { complaintsAboutDockerfile } from './dockerfile-rules.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (/** @type {string} */ file) => readFileSync(path.join(root, file), 'utf8');

// A test holds that page to what the product reads.
const variables = new Set(
  [...read('docs/configuration.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name = '']) => name),
);
// Merge keys are of YAML 1.1, and compose knows them.
const compose = /** @type {any} */ (load(read('docker-compose.yml'), { schema: YAML11_SCHEMA }));

const complaints = [
  ...complaintsAboutDockerfile(read('Dockerfile')).map((text) => `Dockerfile: ${text}`),
  ...complaintsAboutCompose(compose, variables).map((text) => `docker-compose.yml: ${text}`),
  ...(/^\*\*$/m.test(read('.dockerignore')) ? [] : ['.dockerignore: it is no allow-list; begin with **']),
];
for (const text of complaints) process.stderr.write(`${text}\n`);
if (complaints.length > 0) process.exitCode = 1;
