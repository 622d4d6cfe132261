import { Anchor, AppShell, Burger, Button, Group, NavLink, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useRef } from 'react';
import { Link, useLocation } from 'react-router';
import { ConnectionBanner } from './connection-banner.tsx';
import { AuditIcon, ExportsIcon, LimitsIcon, Logo, PlusIcon, SchedulesIcon, TablesIcon } from './icons.tsx';
import { usePageChange } from './use-page-change.ts';
import { ViewerMenu } from './viewer-menu.tsx';

const PAGES = [
  { path: '/tables', label: 'Tables', Icon: TablesIcon },
  { path: '/exports', label: 'Exports', Icon: ExportsIcon },
  { path: '/schedules', label: 'Schedules', Icon: SchedulesIcon },
  { path: '/audit', label: 'Audit', Icon: AuditIcon },
  { path: '/limits', label: 'Limits', Icon: LimitsIcon },
];

const NEW_EXPORT = '/exports/new';

/** What every page has around it. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  const page = useRef<HTMLElement>(null);
  usePageChange(page);
  const isActive = (path: string) => pathname.startsWith(path) && pathname !== NEW_EXPORT;

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <Anchor href="#page" className="skip-link">
        Skip to the page
      </Anchor>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Anchor component={Link} to="/tables" underline="never" c="inherit" aria-label="Outport">
              <Group gap="xs" wrap="nowrap">
                <Logo />
                <Text fw={700} fz="lg">
                  Outport
                </Text>
              </Group>
            </Anchor>
          </Group>
          <ViewerMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Pages">
        <Stack gap={4}>
          <Button
            component={Link}
            to={NEW_EXPORT}
            onClick={close}
            leftSection={<PlusIcon size={16} />}
            mb="xs"
            aria-current={pathname === NEW_EXPORT ? 'page' : undefined}
          >
            New export
          </Button>
          {PAGES.map(({ path, label, Icon }) => (
            <NavLink
              key={path}
              component={Link}
              to={path}
              label={label}
              leftSection={<Icon />}
              active={isActive(path)}
              aria-current={isActive(path) ? 'page' : undefined}
              onClick={close}
              style={{ borderRadius: 'var(--mantine-radius-md)' }}
            />
          ))}
        </Stack>
      </AppShell.Navbar>
      <AppShell.Main ref={page} id="page" tabIndex={-1} style={{ outline: 'none' }}>
        <ConnectionBanner />
        {children}
      </AppShell.Main>
    </AppShell>
  );
}
