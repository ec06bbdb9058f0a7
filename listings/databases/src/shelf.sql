-- The poetry shelf. Programs call the functions and know nothing of the table.
CREATE TABLE IF NOT EXISTS poems (name text PRIMARY KEY, title text NOT NULL, poet text NOT NULL, text text NOT NULL);

CREATE OR REPLACE FUNCTION function_catalogue()
RETURNS TABLE (name text, title text, poet text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT name, title, poet FROM poems ORDER BY title $$;

CREATE OR REPLACE FUNCTION function_poem(wanted text)
RETURNS TABLE (name text, title text, poet text, text text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT name, title, poet, text FROM poems WHERE name = wanted $$;

CREATE OR REPLACE FUNCTION function_add_poem(new_name text, new_title text, new_poet text, new_text text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS
$$ INSERT INTO poems VALUES (new_name, new_title, new_poet, new_text)
   ON CONFLICT (name) DO UPDATE SET title = new_title, poet = new_poet, text = new_text $$;
