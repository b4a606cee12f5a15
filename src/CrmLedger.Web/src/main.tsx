import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { QueryClientProvider } from '@tanstack/react-query';
import './styles.css';
import './ui/ui.css';
import './ui/table.css';
import './layout/layout.css';
import { answers } from './api/client.ts';
import { App } from './App.tsx';
import { refuseMarkup } from './layout/noMarkup.ts';
import { applyTheme } from './layout/theme.ts';

refuseMarkup();
applyTheme();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={answers}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
