/** The look of the page, the general before the special. */

import "./page.css";
import "./menu.css";
import "./matches.css";
import "./private.css";
import "./hud.css";
import "./kill_feed.css";
import "./minimap.css";
import "./callout.css";
import "./board.css";
import "./notice.css";
import "./net_panel.css";
import "./settings.css";
import "./touch.css";
import "./watch_bar.css";
import "../replay/replay.css";
import "./appearance.css";
import "./large_text.css";
