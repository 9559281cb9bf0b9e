import { type APIRequestContext } from '@playwright/test';

import { graphql } from './api';
import { unique } from './simulator';

export type Group = { id: string; name: string };

type Flags = {
  description?: string;
  isOpen?: boolean;
  isHidden?: boolean;
  isInternal?: boolean;
  isPublic?: boolean;
  isRestricted?: boolean;
  stateIds?: string[];
  leaderIds?: string[];
  leaderGroupIds?: string[];
  permissions?: string[];
};

type Edit = { createGroup: { status: string; problems: { field: string; message: string }[]; preview: { token: string } | null; group: Group | null } };

const CREATE = `mutation ($input: CreateGroupInput!) {
  createGroup(input: $input) { status problems { field message } preview { token } group { id name } }
}`;

/** A group that pilots may see and ask to join, unless the flags say otherwise; made as an administrator makes it. */
export async function newGroup(superuser: APIRequestContext, name: string, flags: Flags = {}): Promise<Group> {
  const input = { name: unique(`${name} `), description: '', isInternal: false, isHidden: false, isPublic: true, ...flags };
  const seen = await graphql<Edit>(superuser, CREATE, { input });
  if (!seen.createGroup.preview) throw new Error(`no preview: ${JSON.stringify(seen)}`);
  const saved = await graphql<Edit>(superuser, CREATE, { input: { ...input, previewToken: seen.createGroup.preview.token } });
  if (!saved.createGroup.group) throw new Error(`no group: ${JSON.stringify(saved)}`);
  return saved.createGroup.group;
}

/** Joins or asks to join as whoever is logged in; what came of it. */
export async function join(api: APIRequestContext, group: Group, reason?: string): Promise<string> {
  const query = 'mutation ($groupId: ID!, $reason: String) { joinGroup(input: { groupId: $groupId, reason: $reason }) { status } }';
  return (await graphql<{ joinGroup: { status: string } }>(api, query, { groupId: group.id, reason })).joinGroup.status;
}

/** Takes one's request back. */
export async function retract(api: APIRequestContext, group: Group): Promise<string> {
  const query = 'mutation ($groupId: ID!) { retractGroupRequest(input: { groupId: $groupId }) { status } }';
  return (await graphql<{ retractGroupRequest: { status: string } }>(api, query, { groupId: group.id })).retractGroupRequest.status;
}

/** Makes users members. */
export async function addMembers(superuser: APIRequestContext, group: Group, userIds: string[]): Promise<void> {
  const query = 'mutation ($groupId: ID!, $userIds: [ID!]!) { addGroupMembers(input: { groupId: $groupId, userIds: $userIds }) { status } }';
  const { addGroupMembers } = await graphql<{ addGroupMembers: { status: string } }>(superuser, query, { groupId: group.id, userIds });
  if (addGroupMembers.status !== 'DONE') throw new Error(`members were not added: ${addGroupMembers.status}`);
}

/** The id of a state. */
export async function stateId(superuser: APIRequestContext, name: string): Promise<string> {
  const { states } = await graphql<{ states: Group[] }>(superuser, '{ states { id name } }');
  const found = states.find((state) => state.name === name);
  if (!found) throw new Error(`no state ${name}`);
  return found.id;
}
