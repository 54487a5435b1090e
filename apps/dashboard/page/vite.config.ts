import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    // Nothing inline: the page's security policy would refuse it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
