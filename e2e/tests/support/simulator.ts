import { stack } from './stack';

/** A faction one can fight for. */
export const CALDARI = { id: 500_001, name: 'Caldari State' } as const;

/** Corporations of the simulator's demo cast. */
export const CORPORATION = {
  /** Of the home alliance: its pilots are members. */
  home: 98_980_001,
  academy: 98_980_003,
  /** Of the allied alliance. */
  blue: 98_980_011,
  /** Outside any alliance: its pilots are guests. */
  neutral: 98_980_021,
} as const;

export type Pilot = {
  id: number;
  name: string;
  corporationId: number;
  corporationName: string;
  corporationTicker: string;
  allianceName: string | null;
};

export type DiscordMember = { user: { id: string; username: string }; nick: string | null; roles: string[] };

type Fault = {
  upstream: 'sso' | 'esi' | 'images' | 'discord';
  pathPrefix?: string;
  method?: string;
  remaining?: number;
} & ({ kind: 'downtime' | 'drop' | 'timeout' | 'malformed' } | { kind: 'status'; status: number } | { kind: 'latency'; millis: number });

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${stack('SIM_URL')}/_sim${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`simulator, ${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

const taken = new Set<number>();
let candidates: number[] | undefined;

/** What tests do in New Eden and on Discord, through the simulator's admin API. */
export const simulator = {
  async pilot(id: number): Promise<Pilot> {
    return (await ask<{ character: Pilot }>('GET', `/characters/${id}`)).character;
  },

  /** Somebody who has never logged in anywhere, flying for a corporation: so tests do not meet each other's pilots. */
  async freshPilot(corporation: number = CORPORATION.home): Promise<Pilot> {
    if (!candidates) {
      type World = { characters: { id: number; biomassed: boolean }[]; demo: { pilots: number[] } };
      const world = await ask<World>('GET', '/state?limit=5000');
      const known = new Set(world.demo.pilots);
      candidates = world.characters.filter((pilot) => !pilot.biomassed && !known.has(pilot.id)).map((pilot) => pilot.id);
      // A second run on the same stack must not look at everybody whom the first one used.
      candidates.sort(() => Math.random() - 0.5);
    }
    for (let id = candidates.pop(); id !== undefined; id = candidates.pop()) {
      const { grants } = await ask<{ grants: unknown[] }>('GET', `/characters/${id}`);
      if (grants.length > 0 || taken.has(id)) continue;
      taken.add(id);
      await this.move(id, corporation);
      return this.pilot(id);
    }
    throw new Error('the simulated world has no pilot left who never logged in');
  },

  move: (characterId: number, corporationId: number) => ask('POST', '/move-character', { characterId, corporationId }),
  /** Fights for a faction from now on. */
  enlist: (characterId: number, factionId: number) => ask('POST', '/enlist', { characterId, factionId }),
  sell: (characterId: number) => ask('POST', '/sell-character', { characterId }),

  /** The pilot says yes at EVE's login: where his browser is sent. */
  async authorize(authorizeUrl: string, characterId: number): Promise<string> {
    return (await ask<{ redirectUrl: string }>('POST', '/sso/authorize', { authorizeUrl, characterId })).redirectUrl;
  },

  async newDiscordUser(username: string): Promise<string> {
    return (await ask<{ userId: string }>('POST', '/discord/users', { username })).userId;
  },

  /** The user says yes at Discord: where his browser is sent. */
  async authorizeDiscord(authorizeUrl: string, userId: string): Promise<string> {
    return (await ask<{ redirectUrl: string }>('POST', '/discord/authorize', { authorizeUrl, userId })).redirectUrl;
  },

  /** Who a user is on the Discord server, with the names of his roles; nothing when he is not there. */
  async discordMember(username: string): Promise<{ nick: string | null; roles: string[] } | undefined> {
    const guild = await ask<{ members: DiscordMember[]; roles: { id: string; name: string }[] }>('GET', '/discord');
    const member = guild.members.find(({ user }) => user.username === username);
    return member && { nick: member.nick, roles: member.roles.map((id) => guild.roles.find((role) => role.id === id)?.name ?? id) };
  },

  fault: (fault: Fault) => ask('PUT', '/faults', fault),

  async heal(): Promise<void> {
    await ask('DELETE', '/faults');
    await ask('POST', '/reset-limits');
  },
};

let counter = 0;

/** A word nobody has used before. */
export function unique(word: string): string {
  counter += 1;
  return `${word}${Date.now().toString(36)}${counter}`;
}
