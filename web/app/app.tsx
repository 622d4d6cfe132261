import { MantineProvider } from '@mantine/core';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';
import { type ConsoleConfiguration, OutportProvider } from '../api/outport.tsx';
import { AuditPage } from '../audit/audit-page.tsx';
import { ExportPage } from '../export/export-page.tsx';
import { ExportsPage } from '../exports/exports-page.tsx';
import { LimitsPage } from '../limits/limits-page.tsx';
import { NewExportPage } from '../new-export/new-export-page.tsx';
import { NewSchedulePage } from '../schedules/new-schedule-page.tsx';
import { SchedulePage } from '../schedules/schedule-page.tsx';
import { SchedulesPage } from '../schedules/schedules-page.tsx';
import { useSession } from '../session/session.ts';
import { SignIn } from '../session/sign-in.tsx';
import { TablesPage } from '../tables/tables-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { Shell } from './shell.tsx';
import { contrast, theme } from './theme.ts';

export function App({ configuration }: { readonly configuration: ConsoleConfiguration }) {
  const session = useSession();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={contrast} defaultColorScheme="auto">
      {session.token === null ? (
        <SignIn why={session.why} />
      ) : (
        <OutportProvider key={session.token} token={session.token} configuration={configuration}>
          <BrowserRouter>
            <Shell>
              <Routes>
                <Route path="/" element={<Navigate to="/tables" replace />} />
                <Route path="/tables" element={<TablesPage />} />
                <Route path="/exports" element={<ExportsPage />} />
                <Route path="/exports/new" element={<NewExportPage />} />
                <Route path="/exports/:id" element={<ExportPage />} />
                <Route path="/schedules" element={<SchedulesPage />} />
                <Route path="/schedules/new" element={<NewSchedulePage />} />
                <Route path="/schedules/:id" element={<SchedulePage />} />
                <Route path="/audit" element={<AuditPage />} />
                <Route path="/limits" element={<LimitsPage />} />
                <Route path="*" element={<NotFoundPage />} />
              </Routes>
            </Shell>
          </BrowserRouter>
        </OutportProvider>
      )}
    </MantineProvider>
  );
}
