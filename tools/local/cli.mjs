#!/usr/bin/env node
// Loads nothing before the version is known: the modules use what an older Node cannot even parse.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Purser needs Node 20.19 or newer, and this is ${process.versions.node}. Newer ones: https://nodejs.org`,
  );
  process.exit(1);
}

const { fileURLToPath } = await import('node:url');
const { main } = await import('./commands.mjs');
const cli = fileURLToPath(import.meta.url);
process.exitCode = await main(cli, process.argv.slice(2));
