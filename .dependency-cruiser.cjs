/** Imports go one way: main → app → domains → platform → contracts → shared. One domain never imports another. */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shared-is-pure',
      severity: 'error',
      from: { path: '^src/shared' },
      to: { path: ['^src/(app|contracts|platform|domains)', '@nestjs', 'typeorm'] },
    },
    {
      name: 'contracts-know-nobody',
      severity: 'error',
      from: { path: '^src/contracts' },
      to: { path: '^src/(app|platform|domains)' },
    },
    {
      name: 'platform-knows-no-domain',
      severity: 'error',
      from: { path: '^src/platform' },
      to: { path: '^src/(app|domains)' },
    },
    {
      name: 'domains-do-not-meet',
      severity: 'error',
      from: { path: '^src/domains/([^/]+)/' },
      to: { path: '^src/domains/', pathNot: '^src/domains/$1/' },
    },
    {
      name: 'nothing-imports-app',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/(app|main)' },
      to: { path: '^src/app' },
    },
    {
      name: 'services-know-no-http',
      severity: 'error',
      from: { path: '\\.(service|repository|entity|processor)\\.ts$' },
      to: { path: '^src/platform/http|\\.controller\\.ts$' },
    },
    {
      name: 'the-product-knows-no-tool',
      severity: 'error',
      from: { path: '^(src|migrations)' },
      to: { path: '^(tools|test)' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
