export const loginCss = `
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 16px/1.5 system-ui, sans-serif;
  background: light-dark(#f4f5f7, #12151b); color: light-dark(#1b2230, #e8ecf3);
}
main {
  width: min(22rem, calc(100vw - 3rem)); padding: 1.75rem; border-radius: 14px;
  background: light-dark(#ffffff, #1b2029); border: 1px solid light-dark(#d9dde5, #2f3744);
}
h1 { margin: 0 0 1rem; font-size: 1.4rem; letter-spacing: -0.02em; }
form { display: grid; gap: 1rem; }
label { display: grid; gap: 0.3rem; font-weight: 600; font-size: 0.9rem; }
input, button { width: 100%; font: inherit; padding: 0.6rem 0.75rem; border-radius: 8px; }
input { border: 1px solid light-dark(#7c8698, #6b7689); background: transparent; color: inherit; }
button { border: 0; background: #1f5fd1; color: #ffffff; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid #4c8bf5; outline-offset: 2px; }
[role='alert'] { margin: 0; color: light-dark(#b3261e, #ffb4ab); }
`;
