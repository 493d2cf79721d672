#!/usr/bin/env node
// The command line for an installed package: Node 22.18 and later run TypeScript by themselves, Node 20 needs tsx.
if (!process.features.typescript) (await import('tsx/esm/api')).register();
await import('../src/bin.ts');
