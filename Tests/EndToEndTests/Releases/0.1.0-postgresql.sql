-- A store of 0.1.0 in PostgreSQL, as pg_dump writes it. Its credentials are sealed under connections.json.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.claims (
    flow_id bytea NOT NULL,
    codes bytea NOT NULL,
    owner bytea NOT NULL,
    phase text NOT NULL,
    lease_ends_at_ms bigint,
    connection_id text COLLATE pg_catalog."C",
    error text,
    error_description text,
    kept_until_ms bigint NOT NULL,
    CONSTRAINT claims_check CHECK (((lease_ends_at_ms IS NOT NULL) = (phase = 'held'::text))),
    CONSTRAINT claims_check1 CHECK (((connection_id IS NOT NULL) = (phase = 'success'::text))),
    CONSTRAINT claims_check2 CHECK (((error IS NOT NULL) = (phase = 'failure'::text))),
    CONSTRAINT claims_check3 CHECK (((error_description IS NOT NULL) = (phase = 'failure'::text))),
    CONSTRAINT claims_codes_check CHECK ((octet_length(codes) = ANY (ARRAY[32, 64, 96]))),
    CONSTRAINT claims_flow_id_check CHECK ((octet_length(flow_id) = 16)),
    CONSTRAINT claims_owner_check CHECK ((octet_length(owner) = 16)),
    CONSTRAINT claims_phase_check CHECK ((phase = ANY (ARRAY['held'::text, 'free'::text, 'success'::text, 'failure'::text])))
);
CREATE TABLE public.connections (
    id text NOT NULL COLLATE pg_catalog."C",
    workspace_id text NOT NULL,
    user_id text,
    integration_id text NOT NULL,
    integration_type text NOT NULL,
    auth_method_id text NOT NULL,
    label text NOT NULL,
    status text NOT NULL,
    status_reason text,
    scopes_requested json NOT NULL,
    scopes_granted json NOT NULL,
    config json NOT NULL,
    account_id text,
    account_label text,
    binding text NOT NULL,
    flow_id bytea NOT NULL,
    revision bigint NOT NULL,
    credentials_revision bigint NOT NULL,
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    last_refreshed_at_ms bigint,
    expires_at_s bigint,
    client bytea,
    token_lifetime_s bigint,
    is_expiry_final bigint,
    tags json,
    CONSTRAINT connections_binding_check CHECK ((binding = ANY (ARRAY['confirmed'::text, 'direct'::text]))),
    CONSTRAINT connections_check CHECK (((account_label IS NULL) OR (account_id IS NOT NULL))),
    CONSTRAINT connections_check1 CHECK (((credentials_revision >= 1) AND (credentials_revision <= revision))),
    CONSTRAINT connections_client_check CHECK ((octet_length(client) = 16)),
    CONSTRAINT connections_flow_id_check CHECK ((octet_length(flow_id) = 16)),
    CONSTRAINT connections_is_expiry_final_check CHECK ((is_expiry_final = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT connections_revision_check CHECK ((revision >= 1)),
    CONSTRAINT connections_status_check CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'testing'::text, 'error'::text, 'expired'::text])))
);
CREATE TABLE public.credentials (
    connection_id text NOT NULL COLLATE pg_catalog."C",
    sealed bytea NOT NULL,
    key_id bigint NOT NULL,
    refresh_owner bytea,
    refresh_ends_at_ms bigint,
    CONSTRAINT credentials_key_id_check CHECK (((key_id >= 0) AND (key_id <= '4294967295'::bigint))),
    CONSTRAINT credentials_refresh_owner_check CHECK ((octet_length(refresh_owner) = 16))
);
CREATE TABLE public.symbolon_schema (
    version bigint NOT NULL,
    oldest_version bigint NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);
INSERT INTO public.claims VALUES ('\x01010101010101010101010101010101', '\x0101010101010101010101010101010101010101010101010101010101010101', '\x07070707070707070707070707070707', 'success', NULL, 'conn_jHk3YSi1Yh5vlUGtXtMm8Q', NULL, NULL, 4102444800000);
INSERT INTO public.claims VALUES ('\x02020202020202020202020202020202', '\x0202020202020202020202020202020202020202020202020202020202020202', '\x07070707070707070707070707070707', 'success', NULL, 'conn_sjGKc3itV3CEMuchIM8QDQ', NULL, NULL, 4102444800000);
INSERT INTO public.connections VALUES ('conn_jHk3YSi1Yh5vlUGtXtMm8Q', 'wsp_1', 'ada', 'archive', 'connectors', 'oauth2', 'ada@example.com', 'active', NULL, '["read","write"]', '["read","write"]', '{}', NULL, NULL, 'direct', '\x01010101010101010101010101010101', 1, 1, 1735000000001, 1735000000001, NULL, 1735689600, '\x8b3b6df42a760bd939bf1fd6a6d8041b', 3600, 0, NULL);
INSERT INTO public.connections VALUES ('conn_sjGKc3itV3CEMuchIM8QDQ', 'wsp_1', 'grace', 'archive', 'connectors', 'oauth2', 'grace@example.com', 'active', NULL, '["read","write"]', '["read","write"]', '{}', NULL, NULL, 'direct', '\x02020202020202020202020202020202', 1, 1, 1735000000002, 1735000000002, NULL, NULL, '\x8b3b6df42a760bd939bf1fd6a6d8041b', NULL, NULL, NULL);
INSERT INTO public.credentials VALUES ('conn_jHk3YSi1Yh5vlUGtXtMm8Q', '\x0126d2acf8eeecb407c1483f573831668922025112b770a89d5e46375a5832f9ceb5f72e4a62b1dddfe3f4b3de04ee85e2700d940a73a7464ee2431fc78a4af70fc22db400b1587888ff609e7d593eb62124ee1b53c7a7062f3b373df26efb5008b56178aba0b30e0378e9e8535c3c9a131daea9d1e621992843df63621d34bf420d33635a499d26941542fc7012b3f1eb62591a90e3da8f0df41aedc71652711a63f21f394de723d898b0cf649ff8bcfd6a6756ad3f49fc0582d1871508f2867d38fc2863a316df4d24ed5020c81359f8d6f9585661bca46ac4b3626dcf12557d91928910a49837d2f4c8b8700a', 651341048, NULL, NULL);
INSERT INTO public.credentials VALUES ('conn_sjGKc3itV3CEMuchIM8QDQ', '\x0126d2acf891b529daaf129b61e46154e9d89ff56d3dba94e3976ff1b72352530a8b5b484ae5ebaf9a6dfebeba7c7730af83512c8e3b0949a71297d33b6be7f8ccf1a6a864e993cb80d48b04c84b77950e34e197101ac9b88faf239026249068e926730fea2dd5adead7ca46afa92285686032404eeeb8d79ad5560eca9cb49b38357d53ceae4554df52394c70fd417b71c41e0003a7f37d9a8f465df73fa753b14e837492c50e963350b2', 651341048, NULL, NULL);
INSERT INTO public.symbolon_schema VALUES (1, 1, '2025-01-01 00:00:00+00');
INSERT INTO public.symbolon_schema VALUES (2, 1, '2025-01-01 00:00:00+00');
INSERT INTO public.symbolon_schema VALUES (3, 1, '2025-01-01 00:00:00+00');
ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (flow_id);
ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_pkey PRIMARY KEY (connection_id);
ALTER TABLE ONLY public.symbolon_schema
    ADD CONSTRAINT symbolon_schema_pkey PRIMARY KEY (version);
CREATE INDEX claims_by_kept_until ON public.claims USING btree (kept_until_ms);
CREATE INDEX connections_by_account ON public.connections USING btree (integration_id, account_id, user_id);
CREATE INDEX connections_by_creation ON public.connections USING btree (workspace_id, created_at_ms DESC, id DESC);
CREATE INDEX credentials_by_key ON public.credentials USING btree (key_id);
ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES public.connections(id) ON DELETE CASCADE;
