import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Menu,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ViewerDocument } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { signOut } from '../session/session.ts';
import { Time } from '../ui/time.tsx';
import { MoonIcon, PersonIcon, SunIcon } from './icons.tsx';

/** Whom Outport takes one for, and how the console looks to them. */
export function ViewerMenu() {
  const outport = useOutport();
  const { data } = useQuery({
    queryKey: ['viewer'],
    queryFn: ({ signal }) => outport.request(ViewerDocument, {}, { signal }),
  });
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const viewer = data?.viewer;
  const name = viewer?.name ?? viewer?.subject ?? 'Signed in';

  return (
    <Group gap="xs" wrap="nowrap">
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        c="inherit"
        onClick={() => setColorScheme(dark ? 'light' : 'dark')}
        aria-label={dark ? 'Use light colours' : 'Use dark colours'}
      >
        {dark ? <SunIcon /> : <MoonIcon />}
      </ActionIcon>
      <Menu position="bottom-end" width={260} withinPortal>
        <Menu.Target>
          <Button variant="subtle" color="gray" c="inherit" leftSection={<PersonIcon />} px="xs">
            <Text span truncate maw={160} size="sm">
              {name}
            </Text>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {viewer && (
            <>
              <Menu.Label c="dimmed">
                {viewer.subject}, as <span className="unbroken">{viewer.issuer}</span> says
              </Menu.Label>
              <Group gap={4} px="sm" pb="xs">
                {viewer.teams.map((team) => (
                  <Badge key={team} variant="default" tt="none">
                    {team}
                  </Badge>
                ))}
              </Group>
              <Menu.Label c="dimmed">
                The token is good until <Time at={viewer.tokenExpiresAt} />
              </Menu.Label>
              <Menu.Divider />
            </>
          )}
          <Menu.Item onClick={() => signOut('BY_CHOICE')}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
