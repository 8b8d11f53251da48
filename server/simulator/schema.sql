create table if not exists fact(key text primary key, value text not null);
create table if not exists phone(
  n integer primary key, name text not null, village text not null default '', life integer not null default 0,
  followed_at real, unfollowed_at real, pending_scene text, pending_ticket text, scene text, visited_at real,
  number text not null default '', snapshot integer not null default 0, blocked integer not null default 0);
create table if not exists openid(openid text primary key, role text not null, phone integer not null);
create table if not exists tag(id integer primary key, name text not null unique);
create table if not exists tagged(tag integer not null, phone integer not null, primary key(tag, phone));
create table if not exists token(
  token text primary key, role text not null, family text not null, issued real not null, expires real not null,
  latest integer not null default 1);
create table if not exists spent(role text not null, path text not null, period text not null, n integer not null,
  primary key(role, path, period));
create table if not exists menu(role text primary key, body text not null, at real not null);
create table if not exists message(
  id integer primary key autoincrement, phone integer not null, room text not null, mine integer not null,
  kind text not null, body text not null, at real not null, seen integer not null default 0);
create index if not exists message_phone on message(phone, id);
create table if not exists talk_window(role text not null, phone integer not null, trigger text not null, opened real not null,
  used integer not null default 0, primary key(role, phone, trigger));
create table if not exists subscription(role text not null, phone integer not null, template text not null,
  left_over integer not null default 0, standing text not null default 'ask', primary key(role, phone, template));
create table if not exists mass(
  id integer primary key, clientmsgid text, kind text not null, body text not null, phones text not null,
  at real not null, status text not null, result text not null default '{}');
create unique index if not exists mass_client on mass(clientmsgid) where clientmsgid is not null;
create table if not exists draft(media_id text primary key, articles text not null, updated real not null);
create table if not exists publication(
  publish_id text primary key, media_id text not null, status integer not null, article_id text, fails text not null default '[]',
  at real not null);
create table if not exists article(
  article_id text primary key, articles text not null, at real not null, by_hand integer not null default 0, deleted text not null default '[]');
create table if not exists media(
  media_id text primary key, kind text not null, name text not null, mime text not null, data blob not null,
  made real not null, permanent integer not null);
create table if not exists qr(ticket text primary key, scene text not null, made real not null, expires real);
create table if not exists code(
  code text primary key, use text not null, phone integer not null, scope text not null default '', made real not null,
  spent integer not null default 0);
create table if not exists oauth_token(token text primary key, phone integer not null, scope text not null, family text not null, expires real not null);
create table if not exists later(id integer primary key autoincrement, due real not null, deed text not null, body text not null);
create table if not exists trouble(
  id integer primary key autoincrement, path text not null, mode text not null, errcode integer not null default -1,
  errmsg text not null default '', status text not null default '', seconds real not null default 0, left_over integer not null);
create table if not exists sent_key(key text primary key, answer text not null);
create table if not exists wire(
  id integer primary key autoincrement, at real not null, wall real not null, way text not null, phone integer, words text not null,
  tag text not null, outcome text not null, good integer not null, ms integer not null, note text not null default '',
  asked text not null default '', answered text not null default '');
