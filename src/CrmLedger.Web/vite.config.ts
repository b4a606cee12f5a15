import { defineConfig } from 'vitest/config';

// In development the pages run on Vite's own server and ask a ledger that ops/run has started.
const ledger = process.env['CRMLEDGER_URL'] ?? 'http://127.0.0.1:5470';

export default defineConfig({
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { moduleLevelDirective: false } }, // "use client", which only servers heed
  },
  server: { proxy: { '/v1': ledger, '/log': ledger, '/docs': ledger, '/openapi': ledger } },
  test: { include: ['src/**/*.test.ts'] },
});
