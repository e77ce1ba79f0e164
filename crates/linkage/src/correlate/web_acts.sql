-- Requests of attacks and of walks through records, each with its actor.
--
-- All requests of all sites go through one state machine in the order of time
-- (crate `traffic`), twice: once to learn what each site is used to and who
-- stands out, once to say of each request whose it was. The times of a site are
-- corrected by its declared clock, and clients stand behind declared proxies;
-- where a whole log knows one peer alone and forwarded addresses, the last of
-- these is the client, since it is the one that the proxy itself wrote.
--
-- A row without actor stands for background: attempts that aimed at nobody in
-- particular, counted by site.
SELECT evidence, chain, start, length, site, time, client, user_agent, actor, phase, classes, techniques, manner,
    record, outcome, requests
FROM walked
